"""Messages API v0.1: validation of requests, and payloads of webhooks.

This is an independent reading of the reference. It must not use the app's own request code, or both
could have the same mistake.
"""
