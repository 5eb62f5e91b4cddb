"""Messages API v1: the two webhooks.

Source: v1's OpenAPI document 1.11.0, and the spellings that Vonage's own SDKs expect beside it.
"""
