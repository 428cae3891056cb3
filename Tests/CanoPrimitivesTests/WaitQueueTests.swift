import CanoPrimitives
import Synchronization
import Testing

@Suite("A wait queue", .timeLimit(.minutes(5)))
struct WaitQueueTests {
    /// Takes a permit; tells when it was first asked, which is once its task is in line.
    private static func permit(_ asked: AsyncStream<Void>.Continuation) -> @Sendable (inout Int) -> Bool {
        { permits in
            asked.yield()
            guard permits > 0 else { return false }
            permits -= 1
            return true
        }
    }

    /// Starts a task that waits for a permit, and comes back when it is in line.
    private static func line(
        up queue: WaitQueue<Int>, in lane: Int = 0, isCancellable: Bool = false, then act: @escaping @Sendable () -> Void
    ) async -> Task<Void, any Error> {
        let (asked, continuation) = AsyncStream<Void>.makeStream()
        let take = permit(continuation)
        let task = Task {
            if isCancellable { try await queue.waitUnlessCancelled(in: lane, until: take) } else { await queue.wait(in: lane, until: take) }
            act()
        }
        var iterator = asked.makeAsyncIterator()
        await iterator.next()
        return task
    }

    private final class Order: Sendable {
        private let numbers = Mutex<[Int]>([])
        func add(_ number: Int) { numbers.withLock { $0.append(number) } }
        var list: [Int] { numbers.withLock { $0 } }
    }

    @Test("lets a task pass at once where the state lets it")
    func atOnce() async throws {
        let queue = WaitQueue(2)
        await queue.wait { $0 > 0 }
        try await queue.waitUnlessCancelled { permits in
            permits -= 1
            return true
        }
        #expect(queue.read { $0 } == 1)
    }

    @Test("lets tasks go on in the order they came in, one for each permit")
    func firstComeFirstServed() async throws {
        let (queue, order) = (WaitQueue(0), Order())
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<5 { tasks.append(await Self.line(up: queue) { order.add(number) }) }
        for number in 0..<5 {
            queue.update { $0 += 1 }
            try await tasks[number].value
            #expect(order.list == Array(0...number))
            #expect(queue.read { $0 } == 0)
        }
    }

    @Test("asks nobody behind the head of a line, so that a small wish does not overtake a large one")
    func headOfLine() async throws {
        let (queue, order) = (WaitQueue(0), Order())
        let (asked, continuation) = AsyncStream<Void>.makeStream()
        let large = Task {
            await queue.wait { permits in
                continuation.yield()
                guard permits >= 2 else { return false }
                permits -= 2
                return true
            }
            order.add(2)
        }
        var iterator = asked.makeAsyncIterator()
        await iterator.next()
        let small = await Self.line(up: queue) { order.add(1) }
        queue.update { $0 += 1 }
        #expect(queue.read { $0 } == 1 && order.list.isEmpty)
        queue.update { $0 += 1 }
        await large.value
        #expect(order.list == [2])
        queue.update { $0 += 1 }
        try await small.value
        #expect(order.list == [2, 1])
    }

    @Test("asks its lanes in ascending order, whoever came first")
    func lanes() async throws {
        let (queue, order) = (WaitQueue(0, lanes: 2), Order())
        let second = await Self.line(up: queue, in: 1) { order.add(1) }
        let first = await Self.line(up: queue, in: 0) { order.add(0) }
        queue.update { $0 += 1 }
        try await first.value
        #expect(order.list == [0])
        queue.update { $0 += 1 }
        try await second.value
        #expect(order.list == [0, 1])
    }

    @Test("asks its lanes again when one has taken something, as that may let another go on")
    func again() async throws {
        // Tasks take turns: each lane names whose turn it is and whose is next.
        let (queue, order) = (WaitQueue(9, lanes: 3), Order())
        let (asked, continuation) = AsyncStream<Void>.makeStream()
        var iterator = asked.makeAsyncIterator()
        var tasks: [Task<Void, Never>] = []
        for (lane, turn) in [(0, 3), (1, 2), (2, 1)] {
            tasks.append(
                Task {
                    await queue.wait(in: lane) { next in
                        continuation.yield()
                        guard next == turn else { return false }
                        next += 1
                        return true
                    }
                    order.add(turn)
                })
            await iterator.next()
        }
        queue.update { $0 = 1 }
        for task in tasks { await task.value }
        #expect(Set(order.list) == [1, 2, 3] && queue.read { $0 } == 4)
    }

    @Test("asks all lanes when a task has taken something without waiting")
    func afterATake() async throws {
        let (queue, order) = (WaitQueue(0, lanes: 2), Order())
        let waiting = await Self.line(up: queue, in: 1) { order.add(1) }
        await queue.wait(in: 0) { permits in
            permits += 1
            return true
        }
        try await waiting.value
        #expect(order.list == [1] && queue.read { $0 } == 0)
    }

    @Test("lets several tasks of all lanes go on with one change")
    func several() async throws {
        let (queue, order) = (WaitQueue(0, lanes: 2), Order())
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<4 { tasks.append(await Self.line(up: queue, in: number % 2) { order.add(number) }) }
        queue.update { $0 += 3 }
        for number in [0, 2, 1] { try await tasks[number].value }
        #expect(Set(order.list) == [0, 1, 2])
        queue.update { $0 += 1 }
        try await tasks[3].value
    }

    @Test("ends the wait of a task that is cancelled, which takes nothing and holds up nobody")
    func cancelled() async throws {
        let (queue, order) = (WaitQueue(0), Order())
        let first = await Self.line(up: queue, isCancellable: true) { order.add(1) }
        let second = await Self.line(up: queue, isCancellable: true) { order.add(2) }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        queue.update { $0 += 1 }
        try await second.value
        #expect(order.list == [2])
        #expect(queue.read { $0 } == 0)
    }

    @Test("lets a task that is cancelled already take nothing, although it could")
    func cancelledBefore() async {
        let queue = WaitQueue(1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await queue.waitUnlessCancelled { permits in
                permits -= 1
                return true
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(queue.read { $0 } == 1)
    }

    @Test("lets a cancelled task wait on where it was asked to")
    func cancellationIgnored() async throws {
        let (queue, order) = (WaitQueue(0), Order())
        let task = await Self.line(up: queue) { order.add(1) }
        task.cancel()
        queue.update { $0 += 1 }
        try await task.value
        #expect(order.list == [1])
    }

    @Test("loses no wake-up and no permit when tasks come, go on and are cancelled all at once", arguments: 0..<20)
    func noLostWakeUp(_ round: Int) async {
        let (queue, inside) = (WaitQueue(2, lanes: 2), Counter())
        let passed = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                let task = Task {
                    try await queue.waitUnlessCancelled(in: number % 2) { permits in
                        guard permits > 0 else { return false }
                        permits -= 1
                        return true
                    }
                    #expect(inside.add(1) <= 2)
                    await Task.yield()
                    inside.add(-1)
                    queue.update { $0 += 1 }
                }
                if (number + round) % 7 == 0 { task.cancel() }
                group.addTask {
                    do {
                        try await task.value
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(passed >= 200 - 29)
        #expect(queue.read { $0 } == 2)
    }
}
