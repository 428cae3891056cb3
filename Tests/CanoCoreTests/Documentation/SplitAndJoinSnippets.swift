import CanoCore
import Logging
import Testing

@Suite(.timeLimit(.minutes(5))) struct SplitAndJoinSnippets {
    enum Stage: String, WorkflowState, CaseIterable {
        typealias Output = Stage
        case ask, notify, done, unmet
    }

    // snippet.branch
    struct Quote: BranchTask {
        let supplier: String

        var config: TaskConfig { TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(5)) }

        func run(_ context: TaskContext<Stage>) async throws -> Int {
            if supplier == "closed" { throw NoAnswer() }
            return supplier.count * 100
        }
    }
    // snippet.end

    struct NoAnswer: Error {}

    struct SendMail: WorkflowTask {
        func run(_ context: TaskContext<Stage>) async throws -> Stage { .done }
    }

    @Test("branches run, and their outputs decide")
    func quotes() async throws {
        let suppliers = ["north", "west", "closed"]
        // snippet.split
        let purchase = Workflow<Stage>("purchase", startingAt: .ask) { state in
            switch state {
            case .ask:
                .split(
                    suppliers.map { Quote(supplier: $0) }, join: JoinConfig(.quorum(2), timeout: .seconds(30), bulkhead: 8),
                    leadsTo: [.notify, .unmet]
                ) { result, context in
                    guard let best = result.outputs.min() else { return .unmet }
                    context.logger.info("the best of \(result.successes.count) quotes is \(best)")
                    return .notify
                }
            case .notify: .split([Branch(SendMail()), Branch("text") { context in context.logger.info("done") }], then: .done)
            case .done, .unmet: .exit
            }
        }
        // snippet.end
        #expect(try await purchase.run() == .done)
    }

    @Test("a branch waits for a signal")
    func signals() async throws {
        // snippet.release
        let release = Workflow<Stage>("release", startingAt: .ask) { state in
            switch state {
            case .ask:
                .split(
                    [
                        Branch("approval", waitingFor: Signal("approved", of: Bool.self), .within(.seconds(86_400), else: false)),
                        Branch("tests") { _ in true },
                    ], leadsTo: [.notify, .unmet]
                ) { result, _ in
                    result.outputs.allSatisfy(\.self) ? .notify : .unmet
                }
            case .notify: .split([Branch(SendMail())], then: .done)
            case .done, .unmet: .exit
            }
        }
        // snippet.end
        let run = release.start()
        try run.signal("approved", true)
        #expect(try await run.output() == .done)
    }

    enum Import: String, WorkflowState, CaseIterable {
        typealias Input = [String]
        typealias Output = Int
        case load, done
    }

    @Test("a list makes the branches")
    func each() async throws {
        // snippet.each
        let imports = Workflow<Import>("import", startingAt: .load) { state in
            switch state {
            case .load:
                .each("file", join: JoinConfig(bulkhead: 4), then: .done) { context in
                    context.input
                } branch: { file, _ in
                    file.utf8.count
                } reduce: { sizes, _ in
                    sizes.outputs.reduce(0, +)
                }
            case .done: .exit(taking: Int.self) { bytes, _ in bytes }
            }
        }
        let bytes = try await imports.run(["a.csv", "long-name.csv"])
        // snippet.end
        #expect(bytes == 18)
        #expect(try await imports.run([]) == 0)
    }
}
