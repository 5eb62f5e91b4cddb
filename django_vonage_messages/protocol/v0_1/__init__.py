"""Messages API v0.1: capabilities, request bodies and webhooks.

Source: the v0.1 API reference and its OpenAPI document 0.4.0.
"""
