"""Messages API v1: capabilities, request bodies, updates and webhooks.

Sources: Vonage's OpenAPI document of v1 (1.11.0); Vonage's own SDKs.
"""
