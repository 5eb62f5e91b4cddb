"""Messages API v1: validation of requests and updates, and payloads of webhooks."""

# The rules are written from the API reference, without the code of this package that builds
# requests: only then does the simulator detect mistakes in that code.
