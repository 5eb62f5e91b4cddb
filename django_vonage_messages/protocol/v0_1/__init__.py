"""Messages API v0.1: what can be sent, the body that sends it, and the two webhooks.

Source: the v0.1 API reference and its OpenAPI document 0.4.0.
"""
