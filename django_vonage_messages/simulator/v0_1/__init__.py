"""Messages API v0.1: validation of requests, and payloads of webhooks.

The rules of validation are written from the API reference. They must not use the app's code that
builds requests: otherwise the simulator could not detect mistakes in that code.
"""
