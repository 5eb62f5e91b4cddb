"""What is v1's own: how a request is judged, the shape of its webhooks, and the updates.

This is an independent reading of the reference. It must never call the code that this package
builds its requests with, or both could be wrong together unseen.
"""
