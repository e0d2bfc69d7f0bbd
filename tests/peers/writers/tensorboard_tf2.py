"""Events as TensorFlow 2 shapes them: TensorBoard's own scalar and hparams summaries, with its file writer."""

from given import done, folder, rows, trials
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2, summary_v2
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter


def end_pb(failed):
    status = api_pb2.STATUS_FAILURE if failed else api_pb2.STATUS_SUCCESS
    data = plugin_data_pb2.HParamsPluginData(session_end_info=plugin_data_pb2.SessionEndInfo(status=status))
    summary = Summary()
    summary.value.add(
        tag=metadata.SESSION_END_INFO_TAG,
        metadata=metadata.create_summary_metadata(data),
        tensor=metadata.NULL_TENSOR,
    )
    return summary


known = trials()
root = EventFileWriter(str(folder() / "runs"))
widths = summary_v2.HParam("width", summary_v2.IntInterval(1, 512))
declared = summary_v2.hparams_config_pb(hparams=[widths], metrics=[summary_v2.Metric("dev/error")])
root.add_event(Event(wall_time=1.7e9, summary=declared))
root.close()
for trial in known:
    writer = EventFileWriter(str(folder() / "runs" / trial["name"]))
    settings = {**trial["configuration"], "seed": trial["seed"]}
    writer.add_event(Event(wall_time=1.7e9, summary=summary_v2.hparams_pb(settings)))
    for step, values in rows(trial):
        for metric, value in values.items():
            writer.add_event(Event(wall_time=1.7e9 + step, step=step, summary=scalar_pb(metric, value)))
    writer.add_event(Event(wall_time=1.8e9, summary=end_pb(trial["ends"] == "failed")))
    writer.close()
done(folder() / "runs")
