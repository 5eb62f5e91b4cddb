"""The list of messages, and each message's page: summary, failure, timeline and actions."""
