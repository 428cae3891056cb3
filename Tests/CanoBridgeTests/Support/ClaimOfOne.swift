import CanoCore
import CanoRedis

@testable import CanoBridge

/// A claim of one run, whose failure is that of the call.
struct ClaimOfOne: ScriptCall {
    let claim: Claim

    init(claim: Claim) {
        self.claim = claim
    }

    /// Claims a run of the workflow `w`, version 1.
    init(_ table: ScriptTable, _ candidate: ClaimCandidate, firstRow: CheckpointRow, mayTakeOver: Bool = true) {
        claim = Claim(
            bus: table.bus, workflow: "w", version: "1", firstRow: firstRow, listedVersion: "1", candidates: [candidate],
            mayTakeOver: mayTakeOver, made: table.made)
    }

    static var script: RedisScript { Claim.script }

    func write(_ keys: inout ScriptKeys<Claim.Key>) { claim.write(&keys) }

    func write(_ arguments: inout ScriptArguments<Claim.Argument>) { claim.write(&arguments) }

    func answer(_ reply: RESPValue) throws -> ClaimAnswer {
        guard let answer = try claim.answer(reply).first else { throw Self.unexpected(reply) }
        return try answer.get()
    }
}
