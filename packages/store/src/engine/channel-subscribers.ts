/** Who wants the notifications of which channel. */
export interface ChannelSubscribers {
  /** 'first' when nobody subscribed to the channel before. */
  add(channel: string, onNotify: (payload: string) => void): 'first' | 'further';
  /** 'last' when nobody is left on the channel. */
  remove(channel: string, onNotify: (payload: string) => void): 'last' | 'remaining' | 'unknown';
  channels(): string[];
  deliver(channel: string, payload: string): void;
  deliverToAll(payload: string): void;
}

/** Keeps subscribers; one that throws is reported to `onFault` and does not keep the others from hearing. */
export function createChannelSubscribers(onFault: (error: unknown) => void): ChannelSubscribers {
  const byChannel = new Map<string, ((payload: string) => void)[]>();
  const deliver = (channel: string, payload: string): void => {
    for (const onNotify of [...(byChannel.get(channel) ?? [])]) {
      try {
        onNotify(payload);
      } catch (error) {
        onFault(error);
      }
    }
  };
  return {
    add: (channel, onNotify) => {
      const present = byChannel.get(channel);
      if (present === undefined) byChannel.set(channel, [onNotify]);
      else present.push(onNotify);
      return present === undefined ? 'first' : 'further';
    },
    remove: (channel, onNotify) => {
      const present = byChannel.get(channel);
      const index = present?.indexOf(onNotify) ?? -1;
      if (present === undefined || index < 0) return 'unknown';
      present.splice(index, 1);
      if (present.length > 0) return 'remaining';
      byChannel.delete(channel);
      return 'last';
    },
    channels: () => [...byChannel.keys()],
    deliver,
    deliverToAll: (payload) => {
      for (const channel of byChannel.keys()) deliver(channel, payload);
    },
  };
}
