"""The official OpenAPI documents, where they are at hand: to validate by, and to generate from."""
