import Testing

@testable import CanoCore

@Suite(.timeLimit(.minutes(5))) struct AttemptTimelineTests {
    @Test("what returns in time counts, also while the run is being stopped")
    func inTime() {
        var timeline = AttemptTimeline()
        guard case .returned? = timeline.finished() else { return #expect(Bool(false)) }
        let timelineIsOverdue = timeline.deadlineCame()
        #expect(!timelineIsOverdue)
        if timeline.graceEnded() != nil { #expect(Bool(false)) }
        var stopping = AttemptTimeline()
        let stoppingStops = stopping.stopCame()
        #expect(stoppingStops)
        let stoppingIsOverdue = stopping.deadlineCame()
        #expect(!stoppingIsOverdue)
        guard case .returned? = stopping.finished() else { return #expect(Bool(false)) }
    }

    @Test("past the deadline nothing it returns counts, and past the grace period nothing waits for it")
    func late() {
        var late = AttemptTimeline()
        let lateIsOverdue = late.deadlineCame()
        #expect(lateIsOverdue)
        guard case .timedOut? = late.finished() else { return #expect(Bool(false)) }
        var deaf = AttemptTimeline()
        let deafIsOverdue = deaf.deadlineCame()
        #expect(deafIsOverdue)
        guard case .abandoned? = deaf.graceEnded() else { return #expect(Bool(false)) }
        if deaf.finished() != nil { #expect(Bool(false)) }
    }
}
