import CanoCore
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct SplitAndJoinSnippets {
    enum Stage: String, WorkflowState { case ask, notify, done, unmet }

    // snippet.branch
    struct Quote: BranchTask {
        let supplier: String

        var config: TaskConfig { TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(5)) }

        func run(_ context: TaskContext) async throws -> Int {
            if supplier == "closed" { throw NoAnswer() }
            return supplier.count * 100
        }
    }
    // snippet.end

    struct NoAnswer: Error {}

    struct SendMail: WorkflowTask {
        func run(_ context: TaskContext) async throws -> Stage { .done }
    }

    struct SendText: WorkflowTask {
        func run(_ context: TaskContext) async throws -> Stage { .done }
    }

    @Test("branches run, and their outputs decide")
    func quotes() async throws {
        let suppliers = ["north", "west", "closed"]
        // snippet.split
        let purchase = Workflow<Stage>()
            .registerSplit(
                .ask, branches: suppliers.map { Quote(supplier: $0) },
                join: JoinConfig(.quorum(2), timeout: .seconds(30), bulkhead: 8), leadsTo: [.notify, .unmet]
            ) { result, context in
                guard let best = result.outputs.min() else { return .unmet }
                context.logger.info("the best of \(result.successes.count) quotes is \(best)")
                return .notify
            }
            .registerSplit(.notify, tasks: [SendMail(), SendText()], then: .done)
            .addExitStates([.done, .unmet])
        // snippet.end
        #expect(try await purchase.orchestrate(from: .ask) == .done)
    }
}
