"""Version v1: validation of requests and updates, and the payloads of webhooks.

This is an independent reading of the reference. It must not use the code that builds this package's
requests, or both could have the same mistake.
"""
