/// How long to wait before a script is sent again: short at first, for a connection that is back at once, then a second.
struct RepeatDelay: Sendable {
    func delay(after attempt: Int) -> Duration {
        .milliseconds(min(1_000, 25 << min(attempt, 6)))
    }
}
