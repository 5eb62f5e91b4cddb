"""A small clinic: a site that uses only the public API and the testing kit."""
