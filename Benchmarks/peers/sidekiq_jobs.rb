require "sidekiq"

class Step
  include Sidekiq::Worker

  def perform(value)
    { "received" => value }
  end
end

# ruby sidekiq_jobs.rb enqueue COUNT STEPS. It keeps no results, so none can be waited for.
if ARGV[0] == "enqueue"
  Sidekiq::Client.push_bulk("class" => Step, "args" => Array.new(ARGV[1].to_i) { [{ "item" => 1 }] })
end
