// SPDX-License-Identifier: GPL-2.0-or-later
// The bell and the ring-back tone: made here, played on the device that was chosen for it.
const KINDS = {
	bell: { tones: [880, 1100], on: 0.4, period: 2 },
	ringback: { tones: [450], on: 1, period: 5 }, // as in China
};

export class Tones {
	#element = new Audio();
	#context = null;
	#timer = 0;
	#kind = '';

	async start(kind, device, volume) {
		if (this.#kind === kind) return;
		this.stop();
		this.#kind = kind;
		this.#context ??= new AudioContext();
		const out = this.#context.createMediaStreamDestination();
		this.#element.srcObject = out.stream;
		this.#element.volume = volume;
		await useDevice(this.#element, device);
		this.#context.resume().catch(() => {}); // not before somebody has clicked: the page shows the call in any case
		this.#element.play().catch(() => {});
		const strike = () => {
			const { tones, on } = KINDS[kind], now = this.#context.currentTime;
			tones.forEach((frequency, i) => {
				const tone = this.#context.createOscillator(), gain = this.#context.createGain();
				tone.frequency.value = frequency;
				gain.gain.value = 0.3;
				tone.connect(gain).connect(out);
				tone.start(now + i * on);
				tone.stop(now + (i + 1) * on);
			});
		};
		if (this.#kind !== kind) return; // stopped meanwhile
		strike();
		this.#timer = setInterval(strike, 1000 * KINDS[kind].period);
	}

	stop() {
		clearInterval(this.#timer);
		this.#kind = '';
		this.#element.pause();
		this.#element.srcObject = null;
	}
}

// '' is the browser's own choice; so is a device that was pulled out.
export async function useDevice(element, device) {
	if (!element.setSinkId || element.sinkId === device) return;
	await element.setSinkId(device).catch(() => element.setSinkId('').catch(() => {}));
}
