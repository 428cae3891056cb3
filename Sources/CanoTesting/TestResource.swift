public import CanoCore
import Synchronization

/// A resource that counts how often it was set up and torn down, and fails when told to.
public final class TestResource: Resource {
    private struct State {
        var setUps = 0
        var tearDowns = 0
        var health = HealthStatus.healthy
    }

    private let state = Mutex(State())
    private let setUpFailure: (any Error)?
    private let tearDownFailure: (any Error)?

    /// Creates a resource.
    ///
    /// - Parameters:
    ///   - setUpFailure: What it throws when it is set up; `nil` for nothing.
    ///   - tearDownFailure: What it throws when it is torn down; `nil` for nothing.
    public init(failingSetUp setUpFailure: (any Error)? = nil, failingTearDown tearDownFailure: (any Error)? = nil) {
        self.setUpFailure = setUpFailure
        self.tearDownFailure = tearDownFailure
    }

    /// How often it was set up, failures included.
    public var setUps: Int { state.withLock { $0.setUps } }

    /// How often it was torn down, failures included.
    public var tearDowns: Int { state.withLock { $0.tearDowns } }

    /// Whether it is up now.
    public var isUp: Bool { state.withLock { $0.setUps > $0.tearDowns } }

    /// What it answers from now on when asked how it is.
    public func report(_ health: HealthStatus) { state.withLock { $0.health = health } }

    /// Counts, and throws the planned failure.
    @concurrent public func setUp() async throws {
        state.withLock { $0.setUps += 1 }
        if let setUpFailure { throw setUpFailure }
    }

    /// Counts, and throws the planned failure.
    @concurrent public func tearDown() async throws {
        state.withLock { $0.tearDowns += 1 }
        if let tearDownFailure { throw tearDownFailure }
    }

    /// What it was told to report.
    @concurrent public func health() async -> HealthStatus { state.withLock { $0.health } }
}
