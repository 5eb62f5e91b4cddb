"""Messages API v1: capabilities, request bodies, updates and webhooks.

Sources: v1's OpenAPI document 1.11.0, and Vonage's own SDKs, which spell some members differently.
"""
