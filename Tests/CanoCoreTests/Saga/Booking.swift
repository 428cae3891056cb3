import CanoCore

/// A compensatable task that notes what is done and undone, with its idempotency keys.
struct Booking: CompensatableTask {
    let name: String
    let next: Step
    let journal: Journal<String>
    var config = TaskConfig.minimal
    var compensationConfig = TaskConfig.minimal
    var booking: @concurrent @Sendable (TaskContext<Step>) async throws -> Void = { _ in }
    var undoing: @concurrent @Sendable (TaskContext<Step>, Int) async throws -> Void = { _, _ in }

    init(_ name: String, then next: Step, _ journal: Journal<String>) {
        self.name = name
        self.next = next
        self.journal = journal
    }

    func run(_ context: TaskContext<Step>) async throws -> (next: Step, receipt: Int) {
        try await booking(context)
        journal.add(context.idempotencyKey)
        return (next, context.visit * 10)
    }

    func compensate(_ context: TaskContext<Step>, _ output: Int) async throws {
        try await undoing(context, output)
        journal.add("\(context.idempotencyKey) \(output)")
    }
}

extension Workflow<Step> {
    /// first, second → third, which fails unless told otherwise → done.
    static func bookings(
        _ journal: Journal<String>, adapt: (inout Booking, inout Booking) -> Void = { _, _ in },
        third: @escaping @concurrent @Sendable (TaskContext<Step>) async throws -> Step = { _ in throw Mishap() }
    ) -> Workflow<Step> {
        var (first, second) = (Booking("book-first", then: .second, journal), Booking("book-second", then: .third, journal))
        adapt(&first, &second)
        return Workflow<Step>().register(.first, first).register(.second, second)
            .register(.third, name: "third", config: .minimal, third).addExitState(.done)
    }
}
