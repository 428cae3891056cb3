import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ResumingRunsSnippets {
    enum OrderStep: String, WorkflowState, CaseIterable {
        typealias Output = OrderStep
        case reserve, charge, shipped
    }

    @Test("a run that failed goes on where it was")
    func resuming() async throws {
        let charge = FlakyTask(failing: 1, then: OrderStep.shipped, config: .minimal)
        // snippet.runtime
        let logs = InMemoryCheckpointStore()
        let runtime = WorkflowRuntime(checkpoints: logs)
        let orders = Workflow<OrderStep>("orders", version: "2", startingAt: .reserve) { state in
            switch state {
            case .reserve: .task { _ in .charge }
            case .charge: .task(charge)
            case .shipped: .exit
            }
        }
        // snippet.end
        await #expect(throws: CanoError.self) { try await orders.run(as: "order-1", in: runtime) }
        #expect(try await logs.rows(of: "order-1").map(\.state) == ["charge"])

        // snippet.resume
        let end = try await orders.resume("order-1", in: runtime)
        // snippet.end
        #expect(end == .shipped)
        #expect(try await logs.rows(of: "order-1").isEmpty)
    }

    @Test("a host looks at the outcome")
    func driving() async throws {
        let logs = InMemoryCheckpointStore()
        try await logs.append(CheckpointRow(sequence: 0, state: "charge", version: "1"), to: "order-1")
        let runtime = WorkflowRuntime(checkpoints: logs)
        let orders = Workflow<OrderStep>("orders", startingAt: .charge) { $0 == .shipped ? .exit : .task { _ in .shipped } }
        var report = ""
        // snippet.drive
        let rows = try await logs.rows(of: "order-1")
        switch try await orders.drive(Run(id: "order-1", start: .resumed(rows: rows)), in: runtime) {
        case .completed(let state): report = "ended in \(state.label)"
        case .waiting(let moment): report = "waits until \(moment.map { "\($0)" } ?? "it is signalled")"
        case .relinquished(let reason): report = "goes on elsewhere: \(reason)"
        @unknown default: report = "something newer"
        }
        // snippet.end
        #expect(report == "ended in shipped")
    }
}
