"""The inbox, the thread of a conversation and the replies of staff."""
