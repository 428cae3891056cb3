import CanoCore
import CanoTesting
import RuleFixture

extension ErrorTests {
    func description() -> Facts {
        var facts: Facts = [:]
        let cause = CanoError(.taskExecution, "refused", code: "card_declined")
        let error = CanoError(
            .retryExhausted, "all 3 attempts failed", state: "charge", task: "Charge", attempt: 3, path: ["reserve", "charge"],
            causes: [cause])
        facts["description"] = error.description
        let dirty = CanoError(.compensationFailed, "rollback failed", causes: [cause, CanoError(.timeout, "too slow")])
        facts["says what the rollback met"] = dirty.description.contains(
            "original: task_execution(card_declined): refused; compensation 1: timeout: too slow")
        return facts
    }

    func wrapping() -> Facts {
        return [
            "code of a coded error": CanoError(Mishap(code: "x")).code, "category of any error": CanoError(Mishap()).category,
            "any error is retryable": CanoError(Mishap()).isRetryable, "a terminal error is retryable": CanoError(Hopeless()).isRetryable,
            "category of one of ours": CanoError(CanoError(.timeout, "late")).category,
            "code without one of its own": CanoError(.timeout, "late").code,
            "is retryable after a terminal cause": CanoError(.retryExhausted, "all", causes: [CanoError(Hopeless())]).isRetryable,
        ]
    }

    func exhausted() async throws -> Facts {
        let error = await caught {
            try await Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { _ in
                throw CanoError(.generic, "no answer")
            }
            .orchestrate(from: .first)
        }
        return ["message": error?.message, "what the last one said": error?.causes.first?.message]
    }

    func causes() async throws -> Facts {
        let error = await caught {
            try await Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { _ in throw Mishap(code: "x") }
                .orchestrate(from: .first)
        }
        return [
            "causes": error?.causes.map(\.category), "thrown by the last attempt": error?.causes.first?.underlying as? Mishap,
            "thrown": error?.underlying as? Mishap,
        ]
    }

    func places() async throws -> Facts {
        var facts: Facts = [:]
        let failing = Workflow<Step>.single { _ in throw Mishap() }
        let placed = await caught { try await failing.orchestrate(from: .first) }
        facts["placed state"] = placed?.state
        facts["placed path"] = placed?.path
        let invalid = await caught { try await Workflow<Step>().orchestrate(from: .first) }
        facts["invalid state"] = invalid?.state
        facts["invalid has no path"] = invalid?.path.isEmpty
        let unknown = await caught {
            try await failing.orchestrate(resuming: "unknown", in: WorkflowRuntime(checkpoints: InMemoryCheckpointStore()))
        }
        facts["unknown state"] = unknown?.state
        facts["unknown has no path"] = unknown?.path.isEmpty
        return facts
    }

    func retryability() -> Facts {
        let categories = CanoError.Category.allCases
        return [
            "retryable": categories.filter { CanoError($0, "").isRetryable }.map(\.rawValue).sorted(),
            "retryable though said not to be": categories.filter { CanoError($0, "", isRetryable: false).isRetryable },
            "not retryable though said to be": categories.filter { !CanoError($0, "", isRetryable: true).isRetryable },
        ]
    }

    func nested() async throws -> Facts {
        let inner = Workflow<Step>().register(.third, name: "deep", config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        let outer = Workflow<Step>.single { _ in try await inner.orchestrate(from: .third) }
        let error = await caught { try await outer.orchestrate(from: .first) }
        return ["state": error?.state, "task": error?.task]
    }
}
