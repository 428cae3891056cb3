/// The scripts that are told apart, those of every run first.
enum ScriptLabel {
    static let words = [
        "commit", "accept", "finish", "claim", "flush", "take_answer", "signal", "resume", "cancel", "lapse", "reject", "set_schedule",
        "remove_schedule",
    ]
}
