import CanoCore
import CanoTesting
import Testing

@Suite struct ErrorTests {
    @Test("ERR-1, ERR-4: an error says category, code, place, attempt, path and causes in one line")
    func description() {
        let cause = CanoError(.taskExecution, "refused", code: "card_declined")
        let error = CanoError(
            .retryExhausted, "all 3 attempts failed", state: "charge", task: "Charge", attempt: 3, path: ["reserve", "charge"],
            causes: [cause])
        #expect(
            error.description
                == "retry_exhausted in state \"charge\", task Charge, attempt 3: all 3 attempts failed (path: reserve → charge); caused by task_execution(card_declined): refused"
        )
        let dirty = CanoError(.compensationFailed, "rollback failed", causes: [cause, CanoError(.timeout, "too slow")])
        #expect(dirty.description.contains("original: task_execution(card_declined): refused; compensation 1: timeout: too slow"))
    }

    @Test("ERR-2: any error becomes one of ours, with its own code and whether it may be retried")
    func wrapping() {
        #expect(CanoError(Mishap(code: "x")).code == "x")
        #expect(CanoError(Mishap()).category == .taskExecution)
        #expect(CanoError(Mishap()).isRetryable)
        #expect(!CanoError(Hopeless()).isRetryable)
        #expect(CanoError(CanoError(.timeout, "late")).category == .timeout)
        #expect(CanoError(.timeout, "late").code == "timeout")
        #expect(!CanoError(.retryExhausted, "all", causes: [CanoError(Hopeless())]).isRetryable)
    }

    @Test("ERR-2 changed: the message of an error after several attempts says how many, and what the last one said")
    func exhausted() async throws {
        let error = await #expect(throws: CanoError.self) {
            try await Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { _ in
                throw CanoError(.generic, "no answer")
            }
            .orchestrate(from: .first)
        }
        #expect(error?.message == "all 2 attempts failed, the last with: no answer")
        #expect(error?.causes.first?.message == "no answer")
    }

    @Test("ERR-3 changed: what an error follows from is in its causes, what was thrown in underlying")
    func causes() async throws {
        let error = await #expect(throws: CanoError.self) {
            try await Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { _ in throw Mishap(code: "x") }
                .orchestrate(from: .first)
        }
        #expect(error?.causes.map(\.category) == [.taskExecution])
        #expect(error?.causes.first?.underlying as? Mishap == Mishap(code: "x"))
        #expect(error?.underlying as? Mishap == Mishap(code: "x"))
    }

    @Test("ERR-6: what fails in a state has its place; what fails before the first one has none")
    func places() async throws {
        let failing = Workflow<Step>.single { _ in throw Mishap() }
        let placed = await #expect(throws: CanoError.self) { try await failing.orchestrate(from: .first) }
        #expect(placed?.state == "first" && placed?.path == ["first"])
        let invalid = await #expect(throws: CanoError.self) { try await Workflow<Step>().orchestrate(from: .first) }
        #expect(invalid?.state == nil && invalid?.path.isEmpty == true)
        let unknown = await #expect(throws: CanoError.self) {
            try await failing.resume("nobody", in: WorkflowRuntime(checkpoints: InMemoryCheckpointStore()))
        }
        #expect(unknown?.state == nil && unknown?.path.isEmpty == true)
    }

    @Test("ERR-7 changed: each category says whether another attempt may help, and an error may say so itself")
    func retryability() {
        let retryable: Set<CanoError.Category> = [.taskExecution, .store, .timeout, .retryExhausted, .circuitOpen, .rateLimited, .generic]
        for category in CanoError.Category.allCases {
            #expect(CanoError(category, "").isRetryable == retryable.contains(category), "\(category)")
            #expect(!CanoError(category, "", isRetryable: false).isRetryable)
            #expect(CanoError(category, "", isRetryable: true).isRetryable)
        }
    }

    @Test("ERR-5: the innermost place wins, so that a workflow inside a task shows where it failed")
    func nested() async throws {
        let inner = Workflow<Step>().register(.third, name: "deep", config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        let outer = Workflow<Step>.single { _ in try await inner.orchestrate(from: .third) }
        let error = await #expect(throws: CanoError.self) { try await outer.orchestrate(from: .first) }
        #expect(error?.state == "third")
        #expect(error?.task == "deep")
    }

    @Test("every category has a name of its own on the wire")
    func categories() {
        #expect(Set(CanoError.Category.allCases.map(\.rawValue)).count == CanoError.Category.allCases.count)
        for category in CanoError.Category.allCases { #expect(category.rawValue.allSatisfy { $0.isLowercase || $0 == "_" }) }
    }
}
