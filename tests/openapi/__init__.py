"""Official OpenAPI documents, if available: validation and generation of bodies."""
