/**
 * Target tracking beside an hourly forecast that only raises it, after the documentation of predictive scaling: at
 * least a day of data, two weeks looked back on, renewed every six hours, instances five minutes early. The forecast
 * itself is not published; here it is the mean of the same hour of the days before. An emulation, not the service.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-predictive-scaling.html
 */
import type { Controller, ControllerSpec, FleetView } from '../fleet/controller.js';
import { createTargetTracking, type TargetTracking } from './target-tracking.js';

const HOUR_MINUTES = 60;
const DAY_HOURS = 24;
const LOOK_BACK_DAYS = 14;
const RENEW_HOURS = 6;
const EARLY_MINUTES = 5;

export function predictiveScaling(options: TargetTracking): ControllerSpec {
  return {
    name: options.name,
    create({ minutes }): Controller {
      const tracking = createTargetTracking(options);
      const hourly = createHourlyMeans(Math.ceil(minutes / HOUR_MINUTES) + 1);
      return {
        step(view) {
          hourly.take(view);
          const floor = Math.ceil(hourly.forecast(view.minute + EARLY_MINUTES) / options.target - 1e-9);
          return Math.max(tracking.step(view), floor);
        },
      };
    },
  };
}

function createHourlyMeans(hours: number) {
  const sum = new Float64Array(hours);
  const count = new Uint16Array(hours);
  let next = 0;
  return {
    take({ known, metrics }: FleetView): void {
      for (; next <= known; next++) {
        const load = metrics.requests[next] ?? Number.NaN;
        const hour = Math.floor(next / HOUR_MINUTES);
        if (Number.isNaN(load)) continue;
        sum[hour] = (sum[hour] ?? 0) + load;
        count[hour] = (count[hour] ?? 0) + 1;
      }
    },
    /** Demand of the hour of that minute, in instances' worth; 0 with less than a day of data. */
    forecast(minute: number): number {
      const hour = Math.floor(minute / HOUR_MINUTES);
      const renewed = Math.floor(next / HOUR_MINUTES / RENEW_HOURS) * RENEW_HOURS;
      let total = 0;
      let days = 0;
      for (let h = hour - DAY_HOURS; h >= 0 && h >= hour - LOOK_BACK_DAYS * DAY_HOURS; h -= DAY_HOURS) {
        if (h >= renewed || (count[h] ?? 0) === 0) continue;
        total += (sum[h] ?? 0) / (count[h] ?? 1);
        days++;
      }
      return days === 0 ? 0 : total / days;
    },
  };
}
