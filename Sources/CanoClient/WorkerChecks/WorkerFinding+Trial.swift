import CanoBus
import CanoPrimitives

extension WorkerFinding {
    /// What a trial that is over has found out.
    ///
    /// - Parameters:
    ///   - trial: The trial.
    ///   - plan: What the worker was given.
    ///   - ordinaryTime: How long ordinary work took, in milliseconds.
    ///   - slowTime: How long slow work took, in milliseconds, if that is known.
    /// - Returns: The findings, in the order in which they are told.
    static func all(of trial: WorkerTrial, _ plan: WorkerCheckPlan, ordinaryTime: Int64, slowTime: Int64?) -> [WorkerFinding] {
        let first = trial.watches[0]
        guard !first.wasNeverTaken else { return [missed(first, trial.kind, plan)] }
        return switch trial.kind {
        case .success:
            [
                WorkerFinding(.taking, .kept("")), WorkerFinding(.ownName, ownName(of: first)),
                WorkerFinding(.success, answer(to: first, plan, succeeds: true)),
            ]
        case .again: [WorkerFinding(.again, answer(to: first, plan, succeeds: true))]
        case .failure: [WorkerFinding(.failure, answer(to: first, plan, succeeds: false))]
        case .slow:
            [
                WorkerFinding(.heartbeat, heartbeat(of: first, plan)),
                WorkerFinding(.readingAhead, readingAhead(trial.watches, plan, ordinaryTime)),
            ]
        case .withdrawal: [WorkerFinding(.withdrawal, withdrawal(trial.watches, plan, slowTime))]
        }
    }

    /// What all tasks of a check have found out together.
    static func overall(_ watches: [TaskWatch]) -> [WorkerFinding] {
        let leaving: Outcome =
            switch watches.lazy.compactMap(\.loss).first {
            case .acknowledged:
                .broken(
                    did: "It acknowledged a task itself (XACK, or XREADGROUP with NOACK).",
                    remedy: "Leave that to the bridges: where the worker dies between both, the task is lost.")
            case .deleted:
                .broken(did: "It took a task off the queue itself (XDEL or XTRIM).", remedy: "Leave that to the bridges.")
            case nil: .kept("")
            }
        let twice = watches.first { $0.answers.count > 1 }
        let once: Outcome =
            twice.map { watch in
                .broken(
                    did: "It answered \(watch.answers.count) times for one task (input \(watch.task.input)).",
                    remedy: "Send one answer; repeat an XADD only when its reply was lost.")
            } ?? .kept("")
        return [WorkerFinding(.leaving, leaving), WorkerFinding(.answeringOnce, once)]
    }

    // MARK: One rule each

    private static func missed(_ watch: TaskWatch, _ kind: WorkerTrial.Kind, _ plan: WorkerCheckPlan) -> WorkerFinding {
        let rule: WorkerRule =
            switch kind {
            case .success: .taking
            case .again: .again
            case .failure: .failure
            case .slow: .heartbeat
            case .withdrawal: .withdrawal
            }
        let remedy =
            kind == .success
            ? "Is it started, on this server, prefix and queue? It takes tasks with XREADGROUP GROUP workers <its name> … >."
            : "It has to go on after each task, whatever came of that."
        return WorkerFinding(rule, .broken(did: "It took no task within \(plan.patience) ms.", remedy: remedy))
    }

    private static func ownName(of watch: TaskWatch) -> Outcome {
        guard let name = watch.consumer else { return .notTried("its name was not seen") }
        guard name.contains(where: \.isNumber) else {
            return .broken(
                did: "It reads as \"\(name)\", which looks as if every process of it had this name.",
                remedy: "Make the name of the host and the process id, for instance: two with one name answer for each other.")
        }
        return .kept("as \(name)")
    }

    private static func answer(to watch: TaskWatch, _ plan: WorkerCheckPlan, succeeds: Bool) -> Outcome {
        let (input, wanted) = (watch.task.input, succeeds ? "complete" : "fail")
        guard let first = watch.answers.first else {
            return .broken(
                did: "It took the task and did not answer within \(plan.patience) ms.",
                remedy: "Send XADD … type \(wanted) task … on the stream of results, also where the work goes wrong.")
        }
        let command: Command
        switch first {
        case .success(let read): command = read
        case .failure(let rejection):
            return .broken(
                did: "A bridge can't use its answer: \(rejection.message)", remedy: "Answer as docs/contract.md says, in Tasks for workers."
            )
        }
        switch command {
        case .complete(let answer):
            guard succeeds else {
                return .broken(
                    did: "The input \(input) is one that fails, and it answered complete, with \(answer.output.prefix(200)).",
                    remedy: "Answer fail, with a code and a message, where the work fails; or give another --failing-input.")
            }
            return .kept("")
        case .fail(let answer):
            guard !succeeds else {
                return .broken(
                    did: "The input \(input) is one that succeeds, and it answered fail: \(answer.code) \(answer.message)",
                    remedy: "Mend the work, or give another input with --input or --slow-input.")
            }
            return .kept("with the code \(answer.code)")
        default:
            return .broken(
                did: "It answered \(type(of: command.command).type.rawValue) to work that it was to do.",
                remedy: "Give inputs whose work it does itself, and at once.")
        }
    }

    private static func heartbeat(of watch: TaskWatch, _ plan: WorkerCheckPlan) -> Outcome {
        // A bridge looks now and then, and this check does too.
        guard watch.longestSilence <= plan.lease + 100 else {
            return .broken(
                did:
                    "Nothing was heard of it for \(watch.longestSilence) ms with a lease of \(plan.lease) ms: a bridge has failed its attempt "
                    + "by then, and another worker has the next one.",
                remedy:
                    "Send XCLAIM <queue> workers <its name> 0 <entry> JUSTID every \(plan.lease / 3) ms (a third of lease_ms), from a thread "
                    + "of its own, while the work goes on.")
        }
        if let other = watch.otherConsumer {
            return .broken(
                did: "It took the task as \"\(watch.consumer ?? "")\" and claimed it as \"\(other)\".",
                remedy: "Send XCLAIM under the name that it reads with.")
        }
        let answered = answer(to: watch, plan, succeeds: true)
        guard case .kept = answered else { return answered }
        guard let takenAt = watch.takenAt, let answeredAt = watch.answeredAt, answeredAt - takenAt > plan.lease else {
            return .notTried(
                "the slow work was done within its lease of \(plan.lease) ms: give work that takes longer than two with --slow-input")
        }
        return .kept("silent for \(watch.longestSilence) ms at most, with a lease of \(plan.lease) ms")
    }

    private static func readingAhead(_ watches: [TaskWatch], _ plan: WorkerCheckPlan, _ ordinaryTime: Int64) -> Outcome {
        guard watches.count > 1, let slowEnd = watches[0].answeredAt else { return .notTried("the slow work was not answered") }
        let behind = watches[1]
        guard let answeredAt = behind.answeredAt else {
            return .broken(
                did: "The task behind slow work was not answered within \(plan.patience * 2) ms.",
                remedy: "It has to go on after each task, whatever came of that.")
        }
        guard let takenAt = behind.takenAt else { return .notTried("it was not seen to take a task") }
        let isOfOneWorker = behind.consumer == watches[0].consumer
        guard isOfOneWorker, takenAt < slowEnd, answeredAt >= slowEnd, slowEnd - takenAt > max(1_000, 3 * ordinaryTime) else {
            return .kept("")
        }
        return .broken(
            did: "It took the task behind slow work \(slowEnd - takenAt) ms before it had a hand free for it.",
            remedy: "Read with a COUNT of what it can begin at once: a task's lease runs from the moment it was given out.")
    }

    private static func withdrawal(_ watches: [TaskWatch], _ plan: WorkerCheckPlan, _ slowTime: Int64?) -> Outcome {
        guard watches.count > 1 else { return .notTried("the slow work was done before its task could be withdrawn") }
        let (withdrawn, next) = (watches[0], watches[1])
        if case .failure(let rejection) = withdrawn.answers.first {
            return .broken(
                did: "A bridge can't read its answer to a task that was withdrawn: \(rejection.message)",
                remedy: "Answer as to any other task, or not at all.")
        }
        guard !next.wasNeverTaken else {
            return .broken(
                did: "It took no other task within \(plan.patience * 2) ms after its task was withdrawn.",
                remedy: "Stop the work when XCLAIM answers nothing, and go on with the next task.")
        }
        let answered = answer(to: next, plan, succeeds: true)
        guard case .kept = answered else { return answered }
        guard let takenAt = withdrawn.takenAt, let answeredAt = withdrawn.answeredAt else { return .kept("it stopped without an answer") }
        guard let slowTime, answeredAt - takenAt < slowTime * 4 / 5 else {
            return .kept("it did the work to its end, and its late answer changes nothing")
        }
        guard case .success(.complete) = withdrawn.answers.first else { return .kept("it stopped, and said that it had failed") }
        return .broken(
            did: "It stopped in the middle of the work and answered complete all the same.",
            remedy: "Answer nothing then, or fail: where a task was lost to a silence alone, the first complete counts as its outcome.")
    }
}
