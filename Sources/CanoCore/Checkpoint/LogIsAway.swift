/// A run was stopped while it waited for its log to take a row that says that something is over.
struct LogIsAway: Error {}
