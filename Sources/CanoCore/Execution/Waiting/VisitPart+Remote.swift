/// Attempts whose work a worker does.
extension VisitPart {
    /// What the answers to these attempts are called; `nil` when no worker does the work.
    func leg<Value>(of work: VisitWork<Value>, _ loop: AttemptLoop) -> String? {
        work.isRemote ? Leg.name(visit: loop.visit, branch: loop.node.branch, isUndo: loop.node.isCompensation) : nil
    }

    /// Whether the work that is waited for is done in this process.
    var isWorkHere: Bool { progress.request != nil && !run.handsOut }

    /// What was done for the attempt that waits is lost with the process that did it: the attempt begins anew, with all of its time. Work that
    /// was handed out a host has still, unless the run had ended since.
    mutating func beginAnewUnlessHandedOut(_ leg: String) {
        guard progress.wait != nil, progress.arrived == nil, !(progress.isHandedOut && run.isStillHandedOut(leg)) else { return }
        progress.endWait()
        progress.began = nil
    }

    /// A worker has answered in the present attempt's time.
    ///
    /// - Returns: What wakes the task; `nil` when the answer is not the one that is waited for.
    /// - Throws: What follows when the attempt has failed.
    mutating func woken(byAnswer signals: [ReceivedSignal], _ loop: inout AttemptLoop) async throws(AttemptLoop.Failure) -> Woken? {
        let error: CanoError
        do throws(CanoError) {
            let answer = try AttemptAnswer.first(of: signals)
            switch answer.answer {
            case .completed:
                progress.arrived = signals
                progress.request = nil
                return .signals(signals)
            case .failed where answer.attempt != loop.tally.failures + 1:
                return nil
            case .failed(let failure):
                if !failure.leavesOutcomeUnknown { progress.settle() }
                error = failure.error
            }
        } catch let unreadable {
            error = unreadable
        }
        progress.endWait()
        try await loop.recover(from: error)
        return nil
    }

    /// A worker has answered while the next attempt is awaited.
    ///
    /// - Returns: Whether none is needed: the work was done after all.
    mutating func isDone(byAnswer signals: [ReceivedSignal]) -> Bool {
        guard let answer = try? AttemptAnswer.first(of: signals), case .completed = answer.answer else { return false }
        progress.arrived = signals
        return true
    }
}

extension AttemptAnswer {
    /// The answer that has ended a wait.
    fileprivate static func first(of signals: [ReceivedSignal]) throws(CanoError) -> AttemptAnswer {
        guard let signal = signals.first else { throw CanoError(.workflow, "a wait ended without its signal", isRetryable: false) }
        return try AttemptAnswer(signal)
    }
}
