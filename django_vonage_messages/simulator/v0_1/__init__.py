"""Messages API v0.1: validation of requests, and payloads of webhooks.

The rules are written from the API reference. They must not use the app's code for requests:
otherwise the simulator would repeat mistakes of the app.
"""
