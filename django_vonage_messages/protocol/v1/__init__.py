"""Messages API v1: capabilities, request bodies, updates and webhooks.

Source: v1's OpenAPI document 1.11.0, and the spellings that Vonage's own SDKs expect beside it.
"""
