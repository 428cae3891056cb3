import Testing

@testable import CanoCore

@Suite(.timeLimit(.minutes(5))) struct AttemptTimelineTests {
    typealias Timeline = AttemptTimeline<Result<Int, any Error>>

    @Test("what returns in time is the result, also while the run is being stopped")
    func inTime() {
        var timeline = Timeline()
        guard case .returned(.success(1))? = timeline.finished(.success(1)) else { return #expect(Bool(false)) }
        let timelineIsOverdue = timeline.deadlineCame()
        #expect(!timelineIsOverdue)
        if timeline.graceEnded() != nil { #expect(Bool(false)) }
        var stopping = Timeline()
        let stoppingStops = stopping.stopCame()
        #expect(stoppingStops)
        let stoppingIsOverdue = stopping.deadlineCame()
        #expect(!stoppingIsOverdue)
        guard case .returned(.success(2))? = stopping.finished(.success(2)) else { return #expect(Bool(false)) }
    }

    @Test("past the deadline nothing it returns counts, and past the grace period nothing waits for it")
    func late() {
        var late = Timeline()
        let lateIsOverdue = late.deadlineCame()
        #expect(lateIsOverdue)
        guard case .timedOut? = late.finished(.success(1)) else { return #expect(Bool(false)) }
        var deaf = Timeline()
        let deafIsOverdue = deaf.deadlineCame()
        #expect(deafIsOverdue)
        guard case .abandoned? = deaf.graceEnded() else { return #expect(Bool(false)) }
        if deaf.finished(.success(1)) != nil { #expect(Bool(false)) }
    }
}
