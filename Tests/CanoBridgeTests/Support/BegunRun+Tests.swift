import CanoBus
import CanoRedis

@testable import CanoBridge

extension RunExecution {
    /// Runs a start command to its end, or until the run is put down or goes on elsewhere.
    ///
    /// - Returns: What became of the command.
    /// - Throws: As ``RunExecution/begin(_:_:of:entry:notBefore:)``.
    func start(
        _ command: StartCommand, _ run: any PreparedRun, of workflow: any HostedWorkflow, entry: StreamEntryID, notBefore: Int64?
    ) async throws -> Accept.Answer {
        let (answer, begun) = try await begin(command, run, of: workflow, entry: entry, notBefore: notBefore)
        await begun?.untilOver()
        return answer
    }
}

extension Disposition {
    /// What is to be done with the entry once the run that it has begun is over.
    func untilOver() async -> Disposition {
        guard case .begun(let run) = self else { return self }
        await run.untilOver()
        return .done
    }
}
