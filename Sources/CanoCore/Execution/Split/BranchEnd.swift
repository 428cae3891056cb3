import CanoPrimitives

/// What the row of a branch that has ended says.
struct BranchEnd: Sendable, Decodable {
    let split: SplitOutline
    /// What it returned, as JSON text; `nil` when it returned nothing, or failed.
    private let output: String?
    /// What it failed with.
    private let failure: StoredFailure?
    /// What it wrote.
    private let writes: [StoredWrite]?

    /// - Throws: ``CanoError`` when what the branch returned or wrote does not encode as JSON.
    init(_ outcome: BranchOutcome, of branch: SplitBranch, in split: SplitOutline) throws {
        self.split = split
        switch outcome {
        case .success(let output, let writes):
            self.output = try branch.outputs.text(output)
            self.writes = writes.isEmpty ? nil : try writes.map { write throws(CanoError) in try StoredWrite(write) }
            failure = nil
        case .failure(let error):
            failure = StoredFailure(CanoError(error))
            (output, writes) = (nil, nil)
        }
    }

    /// The end of a branch that has failed.
    init(_ failure: CanoError, in split: SplitOutline) {
        self.split = split
        self.failure = StoredFailure(failure)
        (output, writes) = (nil, nil)
    }

    /// Reads the payload of the row.
    ///
    /// - Throws: ``CanoError/Category/checkpointStore`` with the code `malformed_log`.
    init(payload: [UInt8], of branch: Int) throws(CanoError) {
        do {
            self = try JSONValue.decode(BranchEnd.self, from: payload)
        } catch {
            throw CanoError(
                .checkpointStore, "the log cannot be resumed: the row of branch \(branch) does not say how it ended", code: "malformed_log",
                underlying: error)
        }
    }

    /// The payload of the row. Written by hand: an encoder costs more than most branches.
    var payload: [UInt8] {
        var writer = JSONWriter()
        if let output { writer.member("output", output) }
        if let failure { writer.member("failure", json: String(decoding: failure.encoded, as: UTF8.self)) }
        if let writes { writer.member("writes", json: JSONWriter.array(writes.map(\.json))) }
        var outline = JSONWriter()
        outline.member("branches", Int64(split.branches))
        if let until = split.until { outline.member("until", until) }
        writer.member("split", json: outline.object)
        return Array(writer.object.utf8)
    }

    /// What became of the branch.
    ///
    /// - Throws: ``CanoError`` when the branch's output is of another type now.
    func outcome(of branch: SplitBranch) throws -> BranchOutcome {
        if let failure { return .failure(failure.error) }
        let staged = try (writes ?? []).map { write throws(CanoError) in try write.staged }
        return .success(try branch.outputs.output(output), staged)
    }

    /// Whether another run may have what the branch has claimed in a store that runs share.
    var claimsShared: Bool { writes?.contains(where: \.isSharedClaim) ?? false }
}
