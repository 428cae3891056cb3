import Synchronization

/// Which browsers have shown the token, by what is in their cookies.
final class SessionBoard: Sendable {
    /// The name of the cookie.
    static let cookie = "cano_session"
    /// How long a session holds.
    static let lifetime = Duration.seconds(12 * 3_600)
    /// How many there are at most; the oldest goes first.
    private static let most = 1_000

    private let ends = Mutex<[(key: String, end: ContinuousClock.Instant)]>([])

    /// Begins a session; what the cookie is to hold.
    func begin(at now: ContinuousClock.Instant = .now) -> String {
        var generator = SystemRandomNumberGenerator()
        let key = (0..<4).map { _ in String(generator.next() as UInt64, radix: 36) }.joined(separator: "-")
        ends.withLock { ends in
            ends.removeAll { $0.end <= now }
            if ends.count >= Self.most { ends.removeFirst() }
            ends.append((key, now + Self.lifetime))
        }
        return key
    }

    /// Whether a cookie holds a session that goes on.
    func holds(_ key: String, at now: ContinuousClock.Instant = .now) -> Bool {
        ends.withLock { $0.contains { $0.key == key && $0.end > now } }
    }

    /// Ends a session.
    func end(_ key: String) {
        ends.withLock { $0.removeAll { $0.key == key } }
    }
}
