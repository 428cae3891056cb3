import CanoPrimitives
import Testing

@testable import CanoBridge

@Suite("The work in flight", .timeLimit(.minutes(5)))
struct InFlightWorkTests {
    private let work = InFlightWork()

    @Test("is waited for until all of it has ended")
    func waiting() async throws {
        work.begin()
        work.begin()
        let isOver = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [work] in
                try await work.waitUntilNone()
                isOver.open()
            }
            work.end()
            #expect(!isOver.isOpen)
            work.end()
            try await group.waitForAll()
        }
        #expect(isOver.isOpen)
    }

    @Test("is waited for no longer by a task that is cancelled")
    func cancelled() async {
        work.begin()
        let waiting = Task { try await work.waitUntilNone() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
