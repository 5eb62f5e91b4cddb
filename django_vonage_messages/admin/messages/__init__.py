"""The list and the pages of messages: summary, failure, timeline and actions."""
