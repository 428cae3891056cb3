import CanoBus
import CanoCore

extension RunFailure {
    /// What the engine threw, as the bus tells it.
    init(_ error: CanoError) {
        var causes = error.causes.map { RunFailure($0) }
        if error.omittedCauses > 0 { causes.append(RunFailure(CanoError(.generic, "and \(error.omittedCauses) more"))) }
        self.init(
            code: error.code, message: error.shortMessage, category: error.category.rawValue, state: error.state, task: error.task,
            attempt: error.attempt, isRetryable: error.isRetryable, causes: causes)
    }
}

extension CanoError {
    /// The failure of a child, as its parent's engine takes it.
    init(_ failure: RunFailure) {
        let category = CanoError.Category(rawValue: failure.category) ?? .generic
        self.init(
            category, failure.message, code: failure.code == category.rawValue ? nil : failure.code, state: failure.state,
            task: failure.task, attempt: failure.attempt, isRetryable: failure.isRetryable, causes: failure.causes.map { CanoError($0) })
    }
}
