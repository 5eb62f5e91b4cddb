"""What is v0.1's own: how a request is judged, and the shape of its webhooks.

This is an independent reading of the reference. It must never call the code that this package
builds its requests with, or both could be wrong together unseen.
"""
