/// Where a connection is in its life, and what comes next. Decides only: no clock, no socket, no randomness.
struct ConnectionLifecycle {
    /// How a connection is used.
    enum Use: Sendable {
        /// By everyone, all the time: always kept up.
        case shared
        /// By one blocking read at a time: opened when one comes, closed to take one back.
        case dedicated
    }

    enum State: Equatable {
        /// No connection, and none is wanted.
        case idle
        /// An attempt is under way, its handshake included.
        case connecting
        case ready
        /// Between two attempts.
        case pausing
        case closed
    }

    enum Action: Equatable {
        case nothing
        /// Begin the attempt of this generation.
        case connect(generation: UInt64)
        /// Wait as long as this many failures in a row ask for, then call `pauseEnded`.
        case pause(failures: Int)
    }

    private(set) var state = State.idle
    /// Counts attempts, so that what a past channel still says is not taken for news of the present one.
    private(set) var generation: UInt64 = 0
    private var failures = 0
    /// A server that takes no writes counts as so many failures at least, and one that is asked again soon as so many at most: with the default
    /// pauses, 0.2 to 0.4 s.
    private static let failuresOfBriefPause = 4
    private let use: Use

    init(_ use: Use) {
        self.use = use
    }

    var isReady: Bool { state == .ready }

    /// The owner wants the connection kept up.
    mutating func start() -> Action {
        state == .idle ? connect() : .nothing
    }

    /// A command came and waits.
    mutating func commandsWait() -> Action {
        use == .dedicated && state == .idle ? connect() : .nothing
    }

    /// The handshake of the current attempt is complete.
    mutating func handshakeCompleted() {
        guard state == .connecting else { return }
        state = .ready
        failures = 0
    }

    /// The current connection or attempt failed, or led to a server that names another.
    ///
    /// - Parameters:
    ///   - isWanted: Whether commands wait for the next one.
    ///   - pace: How soon the next attempt may follow. Where a server works and takes no writes it may lead there again: until the address leads to
    ///     another, each attempt would succeed, and must not follow the last at once.
    /// - Returns: What to do next.
    mutating func connectionLost(isWanted: Bool, pace: ServerSearch.Pace = .growing) -> Action {
        guard state == .connecting || state == .ready else { return .nothing }
        // What the lost channel still reports is of no account any more.
        generation += 1
        switch pace {
        case .atOnce: break
        case .brief: failures = min(failures + 1, Self.failuresOfBriefPause)
        case .growing: failures += 1
        case .unfit: failures = max(failures + 1, Self.failuresOfBriefPause)
        }
        guard use == .shared || isWanted else {
            state = .idle
            return .nothing
        }
        guard pace != .atOnce else { return connect() }
        state = .pausing
        return .pause(failures: failures)
    }

    /// The owner closed a working connection to take a read back: no failure, so no pause.
    mutating func connectionTakenBack(isWanted: Bool) -> Action {
        guard state == .connecting || state == .ready else { return .nothing }
        generation += 1
        state = .idle
        return isWanted || use == .shared ? connect() : .nothing
    }

    mutating func pauseEnded(isWanted: Bool) -> Action {
        guard state == .pausing else { return .nothing }
        state = .idle
        return use == .shared || isWanted ? connect() : .nothing
    }

    mutating func close() {
        state = .closed
        generation += 1
    }

    private mutating func connect() -> Action {
        state = .connecting
        generation += 1
        return .connect(generation: generation)
    }
}
