import CanoCore
import CanoRedis

/// Sends scripts that may wake a run, and has it go on: here at once where a slot is free, here soon where it is under way, elsewhere else.
struct RunWaker: Sendable {
    let bus: Bus
    /// Keeps a slot for a run that waits, if its workflow is here and a slot is free.
    let reserve: @Sendable (ClaimCandidate) -> ReservedRun<ClaimedRun>?
    /// Wakes a run that waits, if its workflow is here and a slot is free.
    let wake: @Sendable (ClaimCandidate) -> Void
    /// Has a run that is under way here look into its inbox.
    let look: @Sendable (_ run: String) -> Void
    /// Keeps a slot for a run that is held here, if one is free.
    var reserveHeld: @Sendable (_ run: String) -> ReservedHeldRun? = { _ in nil }

    /// Sends a script, and has the run that it claims go on here.
    ///
    /// - Parameters:
    ///   - seen: What the run's record says.
    ///   - mayWake: Whether the script may wake a run at all.
    ///   - call: Makes the call; it is given how this bridge claims the run, or `nil` where it has no slot for it.
    /// - Returns: What became of it.
    /// - Throws: ``Relinquished`` when the bridge stopped meanwhile; what keeps the script from being answered.
    func send<Call: WakingCall>(
        _ seen: SeenRun, mayWake: Bool = true, _ call: (_ claiming: ClaimCandidate?) -> Call
    ) async throws -> Call.Outcome {
        let candidate = mayWake && seen.isWaiting ? seen.candidate : nil
        let reserved = candidate.flatMap(reserve)
        do {
            switch try await bus.scripts.send(call(reserved == nil ? nil : candidate), waitsForRepair: false) {
            case .claimed(let run):
                reserved?.goOn(run)
                return .woke
            case .takenUp: throw RedisError(.unexpectedReply, "A run was taken up that was not said to be held.", mayHaveBeenExecuted: true)
            case .unclaimed(let outcome):
                reserved?.giveBack()
                if outcome == .woke, let candidate = seen.candidate { wake(candidate) }
                return outcome
            }
        } catch {
            reserved?.giveBack()
            throw error
        }
    }

    /// Sends a script, and has the run that it wakes go on here, where it is held.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - held: The run.
    /// - Returns: What became of it.
    /// - Throws: ``Relinquished`` when the bridge stopped meanwhile; what keeps the script from being answered.
    func send<Call: WakingCall>(_ call: Call, to held: ReservedHeldRun) async throws -> Call.Outcome {
        do {
            switch try await bus.scripts.send(call, waitsForRepair: false) {
            case .takenUp(let woken):
                held.reserved.goOn(.woken(woken))
                return .woke
            case .claimed:
                throw RedisError(.unexpectedReply, "A run was claimed whole that was said to be held.", mayHaveBeenExecuted: true)
            case .unclaimed(let outcome):
                held.reserved.giveBack()
                return outcome
            }
        } catch {
            held.reserved.giveBack()
            throw error
        }
    }
}

/// A run that is held here, and that this bridge has a slot for should a script wake it.
struct ReservedHeldRun: Sendable {
    let session: RunSession
    let candidate: ClaimCandidate
    let reserved: ReservedRun<HeldRunWaking>

    /// Has the run go on with an answer.
    ///
    /// - Returns: Whether its next step has taken it; else it is still on its stream, and the run is held no more.
    func goOn(with taken: TakenAnswer, _ signal: ReceivedSignal) async -> Bool {
        await withCheckedContinuation { continuation in
            reserved.goOn(.answered(AnswerInHand(taken: taken, signal: signal) { continuation.resume(returning: $0) }))
        }
    }
}
