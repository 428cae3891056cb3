import CanoBus
import CanoCore

extension RunFailure {
    /// What the engine threw, as the bus tells it.
    init(_ error: CanoError) {
        self.init(
            code: error.code, message: error.message, category: error.category.rawValue, state: error.state, task: error.task,
            attempt: error.attempt, isRetryable: error.isRetryable, causes: error.causes.map { RunFailure($0) })
    }
}
