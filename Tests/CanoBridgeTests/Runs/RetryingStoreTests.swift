import CanoCore
import CanoRedis
import CanoTesting
import Synchronization
import Testing

@testable import CanoBridge

@Suite("A store that runs share, while Redis is away", .timeLimit(.minutes(5)))
struct RetryingStoreTests {
    /// Fails so many times before it answers.
    private final class Unsteady: Store {
        let failures: Mutex<Int>
        let error: CanoError

        init(failures: Int, _ error: CanoError) {
            self.failures = Mutex(failures)
            self.error = error
        }

        private func attempt() throws {
            let fails = failures.withLock { failures in
                failures -= 1
                return failures >= 0
            }
            if fails { throw error }
        }

        func get<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws -> Value? {
            try attempt()
            return nil
        }
        func keys() async throws -> [String] {
            try attempt()
            return ["a"]
        }
        func put<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws { try attempt() }
        func remove<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws { try attempt() }
        func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int { amount }
        func putIfAbsent<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool { true }
        func append<Element: Codable & Sendable>(_ element: Element, to key: StoreKey<[Element]>) async throws {}
    }

    private static let away = CanoError(.store, "away", underlying: RedisError(.connectionClosed, "away"))
    private let clock = ManualClock()

    @Test(
        "is read again until Redis is back, or takes the credentials and certificates again",
        arguments: [.connectionClosed, .authenticationFailed, .tlsFailed, .server(RedisServerError(message: "MOVED 1 h:1"))]
            as [RedisError.Code])
    func away(_ code: RedisError.Code) async throws {
        let away = CanoError(.store, "away", underlying: RedisError(code, "away"))
        let store = RetryingStore(store: Unsteady(failures: 3, away), control: RunControl(), clock: clock)
        async let keys = store.keys()
        for _ in 1...3 {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(2))
        }
        #expect(try await keys == ["a"])
    }

    @Test("is not waited for by an attempt that is cancelled")
    func cancelled() async throws {
        let store = RetryingStore(store: Unsteady(failures: 3, Self.away), control: RunControl(), clock: clock)
        let reading = Task { try await store.keys() }
        await clock.waitForSleepers()
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
    }

    @Test("fails at once with what doesn't pass, and once the run is to go on elsewhere")
    func lasting() async throws {
        let mismatch = RetryingStore(
            store: Unsteady(failures: 1, CanoError(.store, "no number")), control: RunControl(), clock: clock)
        await #expect(throws: CanoError.self) { try await mismatch.keys() }
        let control = RunControl()
        control.stop(.handBack)
        let leaving = RetryingStore(store: Unsteady(failures: 1, Self.away), control: control, clock: clock)
        await #expect(throws: CanoError.self) { try await leaving.keys() }
    }
}
