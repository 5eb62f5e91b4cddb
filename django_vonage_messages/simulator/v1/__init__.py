"""Messages API v1: validation of requests and updates, and payloads of webhooks.

The validation rules are written from the API reference. They must not use the code of this package
that builds requests: otherwise the simulator could not detect mistakes in that code.
"""
