"""App of a site that answers each customer."""
