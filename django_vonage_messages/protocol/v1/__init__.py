"""Messages API v1: capabilities, request bodies, updates and webhooks.

Source: v1's OpenAPI document 1.11.0, and other spellings in Vonage's own SDKs.
"""
