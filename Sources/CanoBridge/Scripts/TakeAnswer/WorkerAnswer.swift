import CanoBus
import CanoCore

/// What a worker has answered: each of the commands that workers send.
enum WorkerAnswer: Sendable, Hashable {
    case complete(CompleteAnswer)
    case fail(FailAnswer)
    case release(ReleaseAnswer)
    case `defer`(DeferAnswer)

    /// The answer that a command is; nil where it is none.
    init?(_ command: Command) {
        switch command {
        case .complete(let answer): self = .complete(answer)
        case .fail(let answer): self = .fail(answer)
        case .release(let answer): self = .release(answer)
        case .defer(let answer): self = .defer(answer)
        case .start, .cancel, .resume, .signal, .schedule, .unschedule, .pauseSchedule, .resumeSchedule, .runSchedule: return nil
        }
    }

    /// What it is about.
    var token: TaskToken {
        switch self {
        case .complete(let answer): answer.task
        case .fail(let answer): answer.task
        case .release(let answer): answer.task
        case .defer(let answer): answer.task
        }
    }

    var type: CommandType {
        switch self {
        case .complete: .complete
        case .fail: .fail
        case .release: .release
        case .defer: .defer
        }
    }

    /// For how long the answer may come from elsewhere, in milliseconds; nil where that was not asked for.
    var upTo: Int64? {
        guard case .defer(let answer) = self else { return nil }
        return answer.upTo
    }

    /// What the run gets to know; nil where it gets to know nothing.
    var work: WorkAnswer? {
        switch self {
        case .complete(let answer): .completed(output: Array(answer.output.utf8), next: answer.next)
        case .fail(let answer):
            .failed(
                WorkFailure(
                    code: answer.code, message: answer.message, isRetryable: answer.isRetryable,
                    retryAfter: answer.retryAfter.map { .milliseconds($0) }))
        case .release, .defer: nil
        }
    }
}
