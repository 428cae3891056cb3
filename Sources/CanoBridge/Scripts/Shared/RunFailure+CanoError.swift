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
